// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {SettlementTest} from "./helpers/SettlementTest.t.sol";
import {FeeToken, HookToken} from "./helpers/OddTokens.t.sol";
import {OtherProtocol, WeakCredit} from "./helpers/WeakControls.t.sol";
import {TestToken} from "./helpers/RealPools.t.sol";

/// @notice Takes what it is allowed to.
contract Taker {
    function take(IERC20 token, address from, uint256 amount) external {
        token.transferFrom(from, address(this), amount);
    }
}

/// @notice A18: a buy token that keeps a part. The receiver is credited net, and nothing but what the pools of this order
/// sent him counts.
contract FeeTokensTest is SettlementTest {
    address private attacker = makeAddr("attacker");

    /// @dev The facts of the refusal are the net and the floor, for every venue.
    function test_A18_aBuyTokenThatKeepsAPart_isRefusedBelowTheLimitNet() public {
        uint256[2] memory fees = [uint256(100), 9900];
        for (uint256 i = 0; i < fees.length; ++i) {
            FeeToken token = feeBuyToken(fees[i]);
            for (uint256 venue = 0; venue < 3; ++venue) {
                Order memory order = anOrder(1e18, 1);
                uint256 net = netOf(order, venue);
                (order.limitStart, order.limitEnd) = (uint128(net + 1), uint128(net + 1));
                settleFails(
                    oneHop(order, swapOf(venue, order.amount)),
                    abi.encodeWithSelector(ISettlement.PaidTooLittle.selector, digestOf(order), net, net + 1)
                );
                assertEq(token.balanceOf(receiver), 0);
                assertEq(sell.balanceOf(owner), 1e30);
            }
        }
    }

    function test_A18_aBuyTokenThatKeepsAPart_isCreditedNetAtTheLimit() public {
        uint256[2] memory fees = [uint256(100), 9900];
        for (uint256 i = 0; i < fees.length; ++i) {
            FeeToken token = feeBuyToken(fees[i]);
            for (uint256 venue = 0; venue < 3; ++venue) {
                Order memory order = anOrder(1e18, 1);
                order.nonce = uint64(i * 3 + venue);
                uint256 net = netOf(order, venue);
                uint256 heldBefore = token.balanceOf(receiver);
                (order.limitStart, order.limitEnd) = (uint128(net), uint128(net));
                (, uint256 bought) = settle(oneHop(order, swapOf(venue, order.amount)));
                assertEq(bought, net);
                assertEq(token.balanceOf(receiver), heldBefore + net);
            }
        }
    }

    /// @dev I2 for every fee, limit, venue and number of hops: filled at the limit net, or nothing happens.
    function testFuzz_A18_aBuyTokenThatKeepsAPart_paysTheLimitNetOrNothing(
        uint256 bps,
        uint128 limit,
        uint256 plan,
        uint256 heldBefore
    ) public {
        FeeToken token = feeBuyToken(0);
        heldBefore = bound(heldBefore, 0, 1e30);
        token.mint(receiver, heldBefore);
        token.setFee(bound(bps, 0, 10_000));
        Order memory order = anOrder(1e18, uint128(bound(limit, 1, 11e17)));
        bytes memory data =
            plan % 2 == 0
                ? oneHop(order, swapOf(plan / 2, order.amount))
                : twoHops(order, swapOf(plan / 2, order.amount), swapOf(plan / 6, ALL));
        (bool isDone, bytes memory result) = trySettle(data);
        uint256 gained = token.balanceOf(receiver) - heldBefore;
        if (!isDone) {
            assertEq(bytes4(result), ISettlement.PaidTooLittle.selector);
            assertEq(gained, 0);
            return assertEq(sell.balanceOf(owner), 1e30);
        }
        (, uint256 bought) = abi.decode(result, (uint256, uint256));
        assertEq(gained, bought);
        assertGe(bought, order.limitEnd);
    }

    /// @dev A split is credited pool by pool, so the parts that the token keeps add up.
    function test_A18_aSplitIsCreditedNetOfEachPart() public {
        FeeToken token = feeBuyToken(100);
        Order memory order = anOrder(3e18, 29e17);
        (, uint256 bought) = settle(callOf(order, byKey(order), hex"00", "", list(v2(1e18), v3(1e18), v4(1e18))));
        assertEq(bought, token.balanceOf(receiver));
    }

    /// @dev C1 and C3 for a buy token that keeps a part: while a pool is paid, a token between pays the receiver what the
    /// buy token will keep. It is another order's money, so it must not fill the gap, however late it comes.
    function test_C1_aPaymentForAnotherOrder_doesNotMakeUpForWhatTheTokenKeeps() public {
        HookToken hostile = feeGap();
        for (uint256 plan = 0; plan < 18; ++plan) {
            Order memory order = anOrder(1e18, 97e16);
            order.nonce = uint64(plan);
            (bytes memory first, bytes memory second) = (swapOf(plan / 6, 1e18), swapOf((plan / 2) % 3, ALL));
            bytes[] memory verbs = list(pot(0, 2, first), pot(2, 1, second));
            uint256 snapshot = vm.snapshotState();
            hostile.skip(plan % 2);
            bytes memory data = callOf(order, byKey(order), hex"00", abi.encodePacked(hostile), verbs);
            settleFailsAs(data, ISettlement.PaidTooLittle.selector);
            assertEq(buy.balanceOf(receiver), 0);
            // The same with a limit that the net meets: the other payment comes too, and is not credited.
            (order.limitStart, order.limitEnd) = (85e16, 85e16);
            data = callOf(order, byKey(order), hex"00", abi.encodePacked(hostile), verbs);
            (, uint256 bought) = settle(data);
            assertTrue(hostile.wentThrough());
            assertEq(buy.balanceOf(receiver), bought + 9e17);
            vm.revertToState(snapshot);
        }
    }

    /// @dev The control: with one bracket around the whole call, even capped by what the pool paid, it does.
    function test_C1_control_aBracketAroundTheCallPaysAForeignPaymentTwice() public {
        HookToken hostile = feeGap();
        IERC20[3] memory path = [IERC20(address(sell)), IERC20(address(hostile)), IERC20(address(buy))];
        WeakCredit weak = new WeakCredit(true);
        approve(address(sell), address(weak));
        weak.fill(owner, receiver, path, 1e18, 97e16);
        // Two orders, of 0.97 here and of 0.9 elsewhere: the receiver was to get 1.87 and has 1.8.
        assertEq(sell.balanceOf(owner), 1e30 - 1e18);
        assertLt(buy.balanceOf(receiver), 97e16 + 9e17 - 6e16);
    }

    /// @dev The pool's delta is the other bound: what the buy token's own code adds is not credited either.
    function test_settle_creditsNoMoreThanThePoolPaid_whenTheBuyTokenItselfPaysMore() public {
        HookToken token = new HookToken();
        useAsBuy(address(token));
        OtherProtocol other = openElsewhere();
        for (uint256 venue = 0; venue < 3; ++venue) {
            uint256 snapshot = vm.snapshotState();
            token.arm(address(other), abi.encodeCall(OtherProtocol.fill, (attacker)));
            Order memory order = anOrder(1e18, 15e17);
            settleFailsAs(oneHop(order, swapOf(venue, order.amount)), ISettlement.PaidTooLittle.selector);
            (order.limitStart, order.limitEnd) = (9e17, 9e17);
            (, uint256 bought) = settle(oneHop(order, swapOf(venue, order.amount)));
            assertTrue(token.wentThrough());
            assertEq(token.balanceOf(receiver), bought + 1e18);
            vm.revertToState(snapshot);
        }
    }

    /// @dev A receiver who is poorer after the payment than before it got nothing.
    function test_settle_creditsNothing_whenTheReceiverLosesWhileThePoolPays() public {
        HookToken token = new HookToken();
        useAsBuy(address(token));
        Taker taker = takerOf(5e18);
        token.arm(address(taker), abi.encodeCall(Taker.take, (token, receiver, 5e18)));
        Order memory order = anOrder(1e18, 1);
        settleFails(
            oneHop(order, v3(order.amount)),
            abi.encodeWithSelector(ISettlement.PaidTooLittle.selector, digestOf(order), 0, 1)
        );
        assertEq(token.balanceOf(receiver), 5e18);
    }

    /// @dev What leaves the receiver elsewhere in the call is no more this order's than what comes in there.
    function test_settle_creditsThePayment_whenTheReceiverLosesElsewhereInTheCall() public {
        HookToken hostile = feeGap();
        FeeToken(address(buy)).setFee(0);
        Taker taker = takerOf(5e18);
        hostile.arm(address(taker), abi.encodeCall(Taker.take, (buy, receiver, 5e18)));
        Order memory order = anOrder(1e18, 9e17);
        bytes[] memory verbs = list(pot(0, 2, v3(order.amount)), pot(2, 1, v3(ALL)));
        (, uint256 bought) = settle(callOf(order, byKey(order), hex"00", abi.encodePacked(hostile), verbs));
        assertTrue(hostile.wentThrough());
        assertEq(buy.balanceOf(receiver), bought);
    }

    function useAsBuy(address token) private {
        buy = TestToken(token);
        addAllVenues(address(sell), token);
        addAllVenues(address(mid), token);
    }

    function feeBuyToken(uint256 bps) private returns (FeeToken token) {
        token = new FeeToken();
        useAsBuy(address(token));
        token.setFee(bps);
    }

    /// @dev What the receiver gets of this fill, found by a fill that is undone.
    function netOf(Order memory order, uint256 venue) private returns (uint256 net) {
        uint256 snapshot = vm.snapshotState();
        uint256 heldBefore = buy.balanceOf(receiver);
        settle(oneHop(order, swapOf(venue, order.amount)));
        net = buy.balanceOf(receiver) - heldBefore;
        vm.revertToState(snapshot);
    }

    /// @dev The buy token keeps a tenth. Order 2 of the owner lies elsewhere, and the token between fills it when it moves.
    function feeGap() private returns (HookToken hostile) {
        hostile = new HookToken();
        FeeToken token = feeBuyToken(0);
        addAllVenues(address(sell), address(hostile));
        addAllVenues(address(hostile), address(buy));
        OtherProtocol other = openElsewhere();
        token.setFee(1000);
        hostile.arm(address(other), abi.encodeCall(OtherProtocol.fill, (attacker)));
    }

    /// @dev An order of the same owner at another protocol: one of another token for one of the buy token.
    function openElsewhere() private returns (OtherProtocol other) {
        other = new OtherProtocol();
        TestToken elsewhere = new TestToken("ELSE");
        elsewhere.mint(owner, 1e18);
        approve(address(elsewhere), address(other));
        buy.mint(attacker, 1e18);
        vm.prank(attacker);
        buy.approve(address(other), 1e18);
        other.open(IERC20(address(elsewhere)), IERC20(address(buy)), owner, receiver, 1e18, 1e18);
    }

    function takerOf(uint256 amount) private returns (Taker taker) {
        taker = new Taker();
        buy.mint(receiver, amount);
        vm.prank(receiver);
        buy.approve(address(taker), amount);
    }
}
