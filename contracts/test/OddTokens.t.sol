// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {SettlementTest} from "./helpers/SettlementTest.t.sol";
import {BlockToken, FeeToken, HookToken, LyingToken, OldToken} from "./helpers/OddTokens.t.sol";

/// @notice A18, A20 and A21: a standard result or a clean revert, never a loss beyond what was signed.
contract OddTokensTest is SettlementTest {
    /// @dev A18: a token that keeps a part is refused by every pool that it is sold to.
    function testFuzz_settle_refusesASellTokenThatKeepsAPart(uint256 bps, uint256 venue) public {
        FeeToken token = new FeeToken();
        useAsSell(address(token));
        token.setFee(bound(bps, 1, 10_000));
        Order memory order = sellOrder(address(token));
        (bool isDone, ) = trySettle(oneHop(order, swapOf(venue, order.amount)));
        assertFalse(isDone);
        assertEq(token.balanceOf(owner), 1e24);
    }

    /// @dev A18, between two pools: the pot gets less than the pool says it paid.
    function testFuzz_settle_refusesATokenBetweenThatKeepsAPart(uint256 bps, uint256 venues, uint256 gift) public {
        FeeToken token = new FeeToken();
        useBetween(address(token));
        // What lies here by accident must not make up for what the token kept.
        token.mint(address(settlement), bound(gift, 0, 1e30));
        token.setFee(bound(bps, 1, 10_000));
        uint256 heldBefore = token.balanceOf(address(settlement));
        Order memory order = anOrder(1e18, 1);
        (bool isDone, ) = trySettle(over(order, address(token), swapOf(venues, 1e18), swapOf(venues / 3, ALL)));
        assertFalse(isDone);
        assertEq(token.balanceOf(address(settlement)), heldBefore);
        assertEq(sell.balanceOf(owner), 1e30);
    }

    /// @dev I6: the pool says it paid and the token did not move, so the next pool would be paid with the gift.
    function test_settle_refusesATokenBetweenThatDoesNotArrive() public {
        LyingToken token = new LyingToken();
        useBetween(address(token));
        token.mint(address(settlement), 1e24);
        Order memory order = anOrder(1e18, 1);
        bytes memory data = over(order, address(token), v2(1e18), v3(ALL));
        token.cheat(address(settlement));
        settleFailsAs(data, ISettlement.HoldsLess.selector);
        assertEq(token.balanceOf(address(settlement)), 1e24);
        token.cheat(address(0));
        settle(data);
        assertEq(token.balanceOf(address(settlement)), 1e24);
    }

    function test_settle_sellsAndBuysTokensThatAnswerNothing() public {
        OldToken token = new OldToken(false);
        useAsSell(address(token));
        for (uint256 venue = 0; venue < 3; ++venue) {
            Order memory order = sellOrder(address(token));
            order.nonce = uint64(venue);
            (, uint256 bought) = settle(oneHop(order, swapOf(venue, order.amount)));
            assertGe(bought, 9e17);
        }
        useBetween(address(token));
        settle(over(anOrder(1e18, 9e17), address(token), v3(1e18), v4(ALL)));
        assertEq(token.balanceOf(address(settlement)), 0);
    }

    function test_settle_refusesASellTokenThatAnswersFalse() public {
        OldToken token = new OldToken(true);
        Order memory order = sellOrder(address(token));
        token.mint(owner, 1e24);
        vm.prank(owner);
        token.approve(address(settlement), type(uint256).max);
        address pair = V2.createPair(address(token), address(buy));
        token.mint(pair, DEPTH);
        buy.mint(pair, DEPTH);
        (bool isMinted, ) = pair.call(abi.encodeWithSignature("mint(address)", address(this)));
        assertTrue(isMinted);
        settleFailsAs(oneHop(order, v2(order.amount)), bytes4(keccak256("SafeERC20FailedOperation(address)")));
    }

    function test_settle_revertsForAReceiverThatTheTokenBlocks() public {
        BlockToken token = new BlockToken();
        addAllVenues(address(sell), address(token));
        token.list(receiver);
        Order memory order = anOrder(1e18, 9e17);
        order.buyToken = IERC20(address(token));
        for (uint256 venue = 0; venue < 3; ++venue) {
            (bool isDone, ) = trySettle(oneHop(order, swapOf(venue, order.amount)));
            assertFalse(isDone);
        }
        assertEq(sell.balanceOf(owner), 1e30);
        assertEq(settlement.bitmap(owner, 0), 0);
    }

    /// @dev A21 and I11: every way in is shut while a settlement runs, and each is open before and after.
    function testFuzz_settle_isShutToATokenThatCallsBack(uint256 way, uint256 venue) public {
        HookToken token = new HookToken();
        useBetween(address(token));
        Order memory other = anOrder(1e18, 9e17);
        other.nonce = 1000;
        bytes[5] memory ways = [
            oneHop(other, v2(1e18)),
            abi.encodeCall(ISettlement.cancel, (0, 1)),
            abi.encodeCall(ISettlement.uniswapV3SwapCallback, (1, 1, abi.encode(sell, 1e18, owner))),
            abi.encodeCall(ISettlement.unlockCallback, ("")),
            abi.encodePacked(uint8(0x0f))
        ];
        token.arm(address(settlement), ways[bound(way, 0, 4)]);
        settle(over(anOrder(1e18, 9e17), address(token), swapOf(venue, 1e18), swapOf(venue / 3, ALL)));
        assertTrue(token.called());
        assertFalse(token.wentThrough());
        assertEq(settlement.bitmap(owner, 1000 >> 8), 0);
        settle(ways[0]);
    }

    function useAsSell(address token) private {
        addAllVenues(token, address(buy));
        give(token, owner, 1e24);
        vm.prank(owner);
        (bool isApproved, ) = token.call(abi.encodeCall(IERC20.approve, (address(settlement), type(uint256).max)));
        assertTrue(isApproved);
    }

    function useBetween(address token) private {
        addAllVenues(address(sell), token);
        if (V2.getPair(token, address(buy)) == address(0)) addAllVenues(token, address(buy));
    }

    function sellOrder(address token) private view returns (Order memory order) {
        order = anOrder(1e18, 1);
        order.sellToken = IERC20(token);
    }

    function over(
        Order memory order,
        address token,
        bytes memory first,
        bytes memory second
    ) private view returns (bytes memory) {
        bytes[] memory verbs = list(pot(0, 2, first), pot(2, 1, second));
        return callOf(order, byKey(order), hex"00", abi.encodePacked(token), verbs);
    }
}
