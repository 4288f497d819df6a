// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Vm} from "forge-std/Vm.sol";

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {SettlementTest} from "./helpers/SettlementTest.t.sol";

/// @notice What a settlement does when all is well, by each venue, plan and funding.
contract SettlementFillTest is SettlementTest {
    function test_settle_sellsByEachVenueStraightToTheReceiver() public {
        for (uint256 venue = 0; venue < 3; ++venue) {
            Order memory order = anOrder(1e18, 9e17);
            order.nonce = uint64(venue);
            checkFill(order, oneHop(order, swapOf(venue, order.amount)));
        }
    }

    function test_settle_sellsByEachVenueInTheOtherDirection() public {
        (sell, buy) = (buy, sell);
        sell.mint(owner, 1e30);
        approve(address(sell), address(settlement));
        for (uint256 venue = 0; venue < 3; ++venue) {
            Order memory order = anOrder(1e18, 9e17);
            order.nonce = uint64(venue);
            checkFill(order, oneHop(order, swapOf(venue, order.amount)));
        }
    }

    function test_settle_takesTheDeployedSushiRow_asAnEmptyAddressHere() public {
        Order memory order = anOrder(1e18, 1);
        // The row derives another pair, which has no code here: nothing is paid to it.
        settleFails(oneHop(order, abi.encodePacked(uint8(0x10), order.amount)), "");
        assertEq(sell.balanceOf(owner), 1e30);
    }

    function test_settle_crossesTwoPoolsOfAnyTwoVenues() public {
        for (uint256 pair = 0; pair < 9; ++pair) {
            Order memory order = anOrder(1e18, 9e17);
            order.nonce = uint64(pair);
            checkFill(order, twoHops(order, swapOf(pair / 3, order.amount), swapOf(pair % 3, ALL)));
        }
    }

    function test_settle_splitsOverThreeVenues() public {
        Order memory order = anOrder(3e18, 27e17);
        checkFill(order, callOf(order, byKey(order), hex"00", "", list(v2(1e18), v3(1e18), v4(1e18))));
    }

    function test_settle_runsADagThatSplitsAndMerges() public {
        Order memory order = anOrder(3e18, 26e17);
        bytes[] memory verbs = new bytes[](5);
        verbs[0] = pot(0, 2, v2(1e18));
        verbs[1] = pot(0, 2, v3(1e18));
        verbs[2] = v4(1e18);
        verbs[3] = pot(2, 1, v3(5e17));
        verbs[4] = pot(2, 1, v2(ALL));
        checkFill(order, callOf(order, byKey(order), hex"00", abi.encodePacked(mid), verbs));
    }

    function test_settle_paysTheOwnerWhenNoReceiverIsGiven() public {
        Order memory order = anOrder(1e18, 9e17);
        (order.flags, order.receiver) = (0, owner);
        (, uint256 bought) = settle(oneHop(order, v3(order.amount)));
        assertEq(buy.balanceOf(owner), bought);
    }

    function test_settle_leavesWithTheOwnerWhatTheProgramDoesNotSell() public {
        Order memory order = anOrder(2e18, 9e17);
        (uint256 sold, ) = settle(oneHop(order, v3(1e18)));
        assertEq(sold, 1e18);
        assertEq(sell.balanceOf(owner), 1e30 - 1e18);
    }

    function test_settle_soldIsWhatThePoolTook_whenItsLiquidityEnds() public {
        addV3(address(sell), address(buy), 500, 1e21, 1000);
        Order memory order = anOrder(1e24, 1);
        bytes memory verb = abi.encodePacked(uint8(0x2f), order.amount, uint24(500));
        (uint256 sold, uint256 bought) = settle(oneHop(order, verb));
        assertLt(sold, order.amount);
        assertEq(sell.balanceOf(owner), 1e30 - sold);
        assertEq(buy.balanceOf(receiver), bought);
    }

    function test_settle_emitsTheFillAndUsesTheNonceBit() public {
        Order memory order = anOrder(1e18, 9e17);
        order.nonce = 256 * 3 + 5;
        vm.recordLogs();
        (uint256 sold, uint256 bought) = settle(oneHop(order, v3(order.amount)));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory fill = logs[logs.length - 1];
        assertEq(fill.topics[0], ISettlement.Fill.selector);
        assertEq(fill.topics[1], digestOf(order));
        assertEq(fill.topics[2], bytes32(uint256(uint160(owner))));
        assertEq(fill.data, abi.encode(sold, bought));
        assertEq(settlement.bitmap(owner, 3), 1 << 5);
    }

    /* PERMIT2 */

    function test_settle_paysThePoolThroughPermit2_byEachVenue() public {
        for (uint256 venue = 0; venue < 3; ++venue) {
            Order memory order = anOrder(1e18, 9e17);
            order.nonce = uint64(venue);
            bytes memory verb = swapOf(venue, order.amount);
            checkFill(order, callOf(order, byPermit2(order, hex"01"), hex"00", "", list(verb)));
        }
    }

    function test_settle_pullsOnceThroughPermit2_forASplit() public {
        Order memory order = anOrder(3e18, 27e17);
        bytes memory authority = byPermit2(order, abi.encodePacked(uint8(2), uint128(3e18)));
        checkFill(order, callOf(order, authority, hex"00", "", list(v2(1e18), v3(1e18), v4(ALL))));
    }

    function test_settle_soldIsWhatWasPulled_whenPermit2PullsLess() public {
        Order memory order = anOrder(3e18, 17e17);
        bytes memory authority = byPermit2(order, abi.encodePacked(uint8(2), uint128(2e18)));
        (uint256 sold, ) = settle(callOf(order, authority, hex"00", "", list(v2(1e18), v3(ALL))));
        assertEq(sold, 2e18);
        assertEq(sell.balanceOf(owner), 1e30 - 2e18);
    }

    /* NATIVE ETHER */

    function test_settle_sellsWrappedEtherToAPoolOfNativeEther() public {
        addV4(address(0), address(buy), int256(uint256(DEPTH)));
        Order memory order = anOrder(1e18, 9e17);
        order.sellToken = IERC20(address(WETH));
        give(address(WETH), owner, 5e18);
        approve(address(WETH), address(settlement));
        (uint256 sold, uint256 bought) = settle(oneHop(order, nativeV4(order.amount)));
        assertEq(WETH.balanceOf(owner), 5e18 - sold);
        assertEq(buy.balanceOf(receiver), bought);
        requireNothingHeld();
    }

    function test_settle_buysWrappedEtherFromAPoolOfNativeEther() public {
        addV4(address(0), address(sell), int256(uint256(DEPTH)));
        Order memory order = anOrder(1e18, 9e17);
        order.buyToken = IERC20(address(WETH));
        (, uint256 bought) = settle(oneHop(order, nativeV4(order.amount)));
        assertEq(WETH.balanceOf(receiver), bought);
        requireNothingHeld();
    }

    function test_settle_crossesNativeEtherBetweenTwoPools() public {
        addV4(address(0), address(sell), int256(uint256(DEPTH)));
        addV4(address(0), address(buy), int256(uint256(DEPTH)));
        Order memory order = anOrder(1e18, 9e17);
        bytes[] memory verbs = list(pot(0, 2, nativeV4(order.amount)), pot(2, 1, nativeV4(ALL)));
        (, uint256 bought) = settle(callOf(order, byKey(order), hex"00", abi.encodePacked(WETH), verbs));
        assertEq(buy.balanceOf(receiver), bought);
        requireNothingHeld();
    }

    /* HELPERS */

    function nativeV4(uint128 amountIn) private pure returns (bytes memory) {
        return abi.encodePacked(uint8(0x52), amountIn, FEE, SPACING);
    }

    /// @dev Settles, and requires that owner and receiver moved by exactly what was reported, and nothing stayed here.
    function checkFill(Order memory order, bytes memory data) private {
        uint256 ownedBefore = sell.balanceOf(owner);
        uint256 heldBefore = buy.balanceOf(receiver);
        (uint256 sold, uint256 bought) = settle(data);
        assertEq(sold, order.amount);
        assertEq(sell.balanceOf(owner), ownedBefore - sold);
        assertEq(buy.balanceOf(receiver), heldBefore + bought);
        assertGe(bought, order.limitEnd);
        requireNothingHeld();
    }

    function requireNothingHeld() private view {
        assertEq(sell.balanceOf(address(settlement)), 0);
        assertEq(buy.balanceOf(address(settlement)), 0);
        assertEq(mid.balanceOf(address(settlement)), 0);
        assertEq(WETH.balanceOf(address(settlement)), 0);
        assertEq(address(settlement).balance, 0);
        assertEq(sell.allowance(address(settlement), address(V4)), 0);
    }
}
